/** Once its figures have been opened, the test set is locked until a person confirms that it may change. */
export const testLock = /* sql */ `
  ALTER TABLE project ADD COLUMN test_locked INTEGER NOT NULL DEFAULT 0 CHECK (test_locked IN (0, 1));
  UPDATE project SET test_locked = EXISTS (SELECT 1 FROM test_opening);
`;
